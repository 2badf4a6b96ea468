import { defineConfig } from 'vite';

/** Development against a running gateway: `npx vite src/dashboard --config src/dashboard/vite.config.ts`. */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // The gateway's dashboard, and the console of the hub.
    rolldownOptions: { input: ['src/dashboard/index.html', 'src/dashboard/hub.html'] },
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:8080' } },
});
