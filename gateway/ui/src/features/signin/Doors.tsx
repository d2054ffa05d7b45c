import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./SignIn.module.css";
import { useBeginSSO, useSignIns } from "./sso";

interface Props {
  begin?: string | undefined;
  /** The form for login and password. */
  children: ReactNode;
}

/** The ways in: a button for each of the company's providers, and the form, which stands back where it is for emergencies. */
export function Doors({ begin, children }: Props) {
  const { t } = useTranslation("signin");
  const doors = useSignIns().data;
  const go = useBeginSSO();
  const gone = useRef(false);
  const providers = doors?.providers ?? [];
  const asked = providers.find((p) => p.id === begin);
  useEffect(() => {
    if (!asked || gone.current) return;
    gone.current = true; // a tile opens the provider once; who comes back decides anew
    go.mutate(asked);
  });
  return (
    <>
      {providers.map((p) => (
        <Button key={`${p.site}/${p.id}`} kind="primary" disabled={go.isPending} onClick={() => go.mutate(p)}>
          {p.site_name ? t("withAt", { title: p.title, site: p.site_name }) : t("with", { title: p.title })}
        </Button>
      ))}
      {go.error && <ProblemNote problem={go.error} />}
      {doors?.sso_only ? (
        <details className={styles.emergency}>
          <summary>{t("byPassword")}</summary>
          <p className={styles.say}>{t("byPasswordSay")}</p>
          {children}
        </details>
      ) : (
        children
      )}
    </>
  );
}
