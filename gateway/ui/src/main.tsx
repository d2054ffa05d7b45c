import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/400.css";
import "./app/mantine.css";
import "./app/tokens.css";
import "./app/base.css";
import { startI18n } from "./app/i18n";
import { Providers } from "./app/Providers";
import { newQueryClient } from "./app/queries";
import { newRouter } from "./app/routes";
import { applyTheme } from "./app/theme";
import { listenForShortcuts } from "./components/shortcuts";
import { takeOnceToken } from "./features/signin/once";

const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
setNonce(nonce); // the scroll lock of a dialog makes a style of its own

takeOnceToken(); // before anything else can see the address
applyTheme();
startI18n();
listenForShortcuts();

const queries = newQueryClient();
const router = newRouter(queries);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers queries={queries} nonce={nonce}>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>,
  );
}
