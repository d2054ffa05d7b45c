import type { ButtonHTMLAttributes, Ref } from "react";
import styles from "./Button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** One primary control a screen; "bare" is for icons and bars. */
  kind?: "primary" | "plain" | "bare" | "danger";
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "plain", className, type = "button", ...rest }: Props) {
  return (
    <button type={type} className={[styles.button, styles[kind], className].filter(Boolean).join(" ")} {...rest} />
  );
}
