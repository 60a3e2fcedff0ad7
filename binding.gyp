{
  'variables': {
    # every source below a folder of native/; example.c, which has a main of its own, lies beside
    # the folders
    'library': ['<!@(node -p "require(\'fs\').readdirSync(\'native\', { recursive: true }).filter((name) => /.[/].*[.]c$/.test(name)).sort().map((name) => \'native/\' + name).join(\' \')")'],
    'binding': ['<!@(node -p "require(\'fs\').readdirSync(\'native/binding\').filter((name) => /[.]cc$/.test(name)).sort().map((name) => \'native/binding/\' + name).join(\' \')")'],
  },
  # fused multiply-add only where written out: results are the same bits everywhere
  'target_defaults': {
    'include_dirs': ['native/include', 'native'],
    'cflags': ['-O3', '-ffp-contract=off', '-fvisibility=hidden', '-Wall', '-Wextra'],
    'cflags_c': ['-std=c11'],
    'xcode_settings': {
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_C_LANGUAGE_STANDARD': 'c11',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'OTHER_CFLAGS': ['-ffp-contract=off', '-Wall', '-Wextra'],
    },
  },
  'targets': [
    {
      'target_name': 'fmandel_static',
      'product_prefix': 'lib',
      'product_name': 'fmandel',
      'type': 'static_library',
      'standalone_static_library': 1,
      'sources': ['<@(library)'],
      'cflags': ['-fPIC'],
    },
    # of the same objects: compiled twice they would take most of the installation
    {
      'target_name': 'fmandel_shared',
      'type': 'shared_library',
      'product_prefix': 'lib',
      'product_name': 'fmandel',
      'dependencies': ['fmandel_static'],
      'libraries': ['-lm'],
      'conditions': [
        # elsewhere gyp links all that a static library has into a shared one
        ["OS=='mac'", {'xcode_settings': {'OTHER_LDFLAGS': ['-Wl,-force_load,<(PRODUCT_DIR)/libfmandel.a']}}],
      ],
    },
    {
      'target_name': 'fmandel',
      'sources': ['<@(binding)'],
      'dependencies': [
        'fmandel_static',
        '<!(node -p "require(\'node-addon-api\').targets"):node_addon_api_except_all',
      ],
      # a thread that is ended in the middle of a call can throw nothing any more: without this the
      # whole process would end
      'defines': ['NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
      'conditions': [["OS=='linux'", {'ldflags': ['-Wl,--exclude-libs,ALL']}]],
    },
    {
      'target_name': 'example',
      'type': 'executable',
      'sources': ['native/example.c'],
      'dependencies': ['fmandel_static'],
      'libraries': ['-lm'],
    },
  ],
}
