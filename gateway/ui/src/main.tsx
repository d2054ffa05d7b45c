import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n } from "./app/i18n";
import "./app/tokens.css";
import "./app/base.css";

startI18n();
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode>Sightglass</StrictMode>);
