import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('src/web/', import.meta.url)),
  // addresses relative to the page, so that it works under any path
  base: './',
  resolve: {
    // Leaflet's package names its UMD build; from the module build what the page does not use is left out
    alias: [{ find: /^leaflet$/, replacement: 'leaflet/dist/leaflet-src.esm.js' }],
  },
  build: {
    outDir: fileURLToPath(new URL('dist/web/', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // pictures are files of their own, fetched when they are seen
    assetsInlineLimit: (path) => (path.endsWith('.webp') ? false : undefined),
    modulePreload: { polyfill: false },
  },
})
