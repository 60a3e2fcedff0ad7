{
  'variables': {
    'library': [
      'native/decimal.c',
      'native/deep.c',
      'native/deep_avx2.c',
      'native/deep_avx512.c',
      'native/deep_baseline.c',
      'native/deep_neon.c',
      'native/fixed.c',
      'native/fmandel.c',
      'native/fourier.c',
      'native/isa.c',
      'native/lanes_avx2.c',
      'native/lanes_avx512.c',
      'native/lanes_baseline.c',
      'native/lanes_neon.c',
      'native/limbs.c',
      'native/nucleus.c',
      'native/orbit.c',
      'native/reference.c',
      'native/scalar.c',
      'native/tile.c',
    ],
    # the published package comes without the tests
    'tests%': '<!(node -p "+require(\'fs\').existsSync(\'test/native\')")',
  },
  # no fused multiply-add but where it is written out: results are the same bits everywhere
  'target_defaults': {
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
    {
      'target_name': 'fmandel_shared',
      'type': 'shared_library',
      'product_prefix': 'lib',
      'product_name': 'fmandel',
      'sources': ['<@(library)'],
      'cflags': ['-fPIC'],
      'libraries': ['-lm'],
    },
    {
      'target_name': 'fmandel',
      'sources': ['native/binding.cc'],
      'dependencies': [
        'fmandel_static',
        '<!(node -p "require(\'node-addon-api\').targets"):node_addon_api_except',
      ],
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
  'conditions': [
    ['tests==1', {
      'targets': [
        {
          'target_name': 'original_test',
          'type': 'executable',
          'sources': ['test/native/original_test.c'],
          'dependencies': ['fmandel_static'],
          'libraries': ['-lm', '-pthread'],
        },
        {
          'target_name': 'smooth_test',
          'type': 'executable',
          'sources': ['test/native/smooth_test.c'],
          'dependencies': ['fmandel_static'],
          'libraries': ['-lm', '-pthread'],
        },
        {
          'target_name': 'tile_test',
          'type': 'executable',
          'sources': ['test/native/tile_test.c'],
          'dependencies': ['fmandel_static'],
          'libraries': ['-lm', '-pthread'],
        },
      ],
    }],
  ],
}
