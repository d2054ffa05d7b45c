import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

interface Props {
  text: string;
  /** What is copied, for the button's name: "Copy redirect URI". */
  label: string;
  /** Only the icon; for rows of them. */
  bare?: boolean;
}

export function CopyButton({ text, label, bare = false }: Props) {
  const { t } = useTranslation("common");
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed"); // the browser refused; the text can be selected by hand
    }
  };
  // What is seen on the button is part of its name.
  const name = state === "idle" ? label : `${label}: ${t(`copy.${state}`)}`;
  return (
    <Button onClick={copy} aria-label={name} title={label} kind={bare ? "bare" : "plain"}>
      {state === "copied" ? <IconCheck size={16} stroke={1.5} /> : <IconCopy size={16} stroke={1.5} />}
      <span aria-live="polite" className={bare && state === "idle" ? "visually-hidden" : undefined}>
        {t(`copy.${state}`)}
      </span>
    </Button>
  );
}
