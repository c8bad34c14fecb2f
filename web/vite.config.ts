import { defineConfig } from 'vite';

// Relative addresses, so that the page also works below a path of a reverse proxy.
export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    // The service's content security policy allows files of its own, and no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev` beside a running service: npm run dev, then http://localhost:5173
  server: { proxy: { '/v1': 'http://127.0.0.1:8080', '/health': 'http://127.0.0.1:8080', '/ready': 'http://127.0.0.1:8080' } },
});
