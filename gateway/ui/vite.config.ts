import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The gateway serves built/app: index.html as a template whose __NONCE__ it replaces per
// response, everything under assets/ as immutable files. Nothing is inlined as data: URLs,
// because the page's CSP allows fonts, styles and scripts from 'self' only.
export default defineConfig({
  plugins: [react()],
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "built/app",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // light-dark() stays as written: tokens.css is the one place that holds both themes.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    sourcemap: false,
    chunkSizeWarningLimit: 700, // kB; it is part of the program, and immutable once fetched
  },
  server: {
    // `npm run dev` beside a running gateway: SIGHTGLASS_URL=http://127.0.0.1:8080
    proxy: process.env.SIGHTGLASS_URL
      ? { "^/(api|oauth|frame|problems)(/|$)": { target: process.env.SIGHTGLASS_URL, changeOrigin: true } }
      : {},
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    // One document for all files, in threads: making and loading it for each took two thirds of the time.
    // What a test leaves behind is cleared by setup.ts and restoreMocks.
    pool: "threads",
    isolate: false,
    testTimeout: 20_000, // a machine that does other work as well takes its time to draw 200 messages
    restoreMocks: true,
    css: false,
    // Mantine's menus say so on every opening, with the whole document as the second argument.
    onConsoleLog: (log) => !log.includes("[@mantine/hooks/use-focus-trap]"),
  },
});
