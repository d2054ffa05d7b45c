import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import { startI18n } from "../app/i18n";

startI18n();
// All files share one document (vite.config.ts), so each test leaves it as it was.
afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});
