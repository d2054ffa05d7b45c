import i18next, { type Resource } from "i18next";
import { initReactI18next } from "react-i18next";
import { en as app } from "./en";

// Each feature brings its words in features/NAME/en.ts (`export const en = {…}`); its namespace is NAME.
// components/en.ts is "common", app/en.ts is "app".
const found = import.meta.glob<{ en: object }>(["../features/*/en.ts", "../components/en.ts"], { eager: true });

export function catalogue(): Resource[string] {
  const all: Record<string, object> = { app };
  for (const [path, module] of Object.entries(found)) {
    const name = path.startsWith("../components/") ? "common" : path.split("/")[2];
    if (name) all[name] = module.en;
  }
  return all as Resource[string];
}

/** Reads the catalogue at once: words are part of the program, nothing is fetched. */
export function startI18n(language = "en", words = catalogue()) {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    defaultNS: "app",
    resources: { [language]: words },
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  return i18next;
}
