import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Trans, useTranslation } from "react-i18next";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";
import { useMay } from "../../api/useSession";
import { ProblemNote } from "../../components/ProblemNote";
import { useTitle } from "../../components/useTitle";
import { PasteBox } from "./PasteBox";
import styles from "./StartPage.module.css";

interface Props {
  /** In the demo: what is worth opening. */
  samples?: ReactNode;
}

/** The paste box at one third height, and what one could paste. */
export function StartPage({ samples }: Props) {
  useTitle();
  const mayOpen = useMay("interaction.open");
  return (
    <div className={styles.page}>
      <div className={styles.glass} aria-hidden="true" />
      <div className={styles.column}>
        {mayOpen ? <Open /> : <NotForYou />}
        {samples}
      </div>
    </div>
  );
}

function Open() {
  const { t } = useTranslation("open");
  const examples = [t("example.url"), t("example.short"), t("example.id")];
  return (
    <div className={styles.open}>
      <h1 className="visually-hidden">{t("title")}</h1>
      <PasteBox place="page" />
      <p className={styles.examples}>
        {t("examples")}{" "}
        {examples.map((example) => (
          <code key={example}>{example}</code>
        ))}
      </p>
      <p className={styles.promise}>
        <Trans t={t} i18nKey="promise" components={{ audit: <Link to="/audit" /> }} />
      </p>
      <LinkState />
    </div>
  );
}

function NotForYou() {
  const { t } = useTranslation("open");
  const manages = useMay("links.manage");
  return (
    <div className={styles.open}>
      <h1>{t("noRight.title")}</h1>
      <p className={styles.promise}>{t("noRight.say")}</p>
      {manages && (
        <p>
          <Link to="/links">{t("noRight.links")}</Link>
        </p>
      )}
    </div>
  );
}

/** Speaks up only when no account can be read, or one of them cannot. */
function LinkState() {
  const { t } = useTranslation("open");
  const sees = useMay("links.see");
  const manages = useMay("links.manage");
  const links = useQuery<Schemas["Links"], Problem>({
    queryKey: ["links"],
    queryFn: ({ signal }) => callJSON("/api/v1/links", { signal }),
    enabled: sees,
  });
  if (links.error) return <ProblemNote problem={links.error} onRetry={() => void links.refetch()} />;
  if (!links.data) return null;
  const troubled = links.data.items.filter((link) => link.state !== "ok");
  if (links.data.items.length > 0 && troubled.length === 0) return null;
  return (
    <div className={styles.trouble}>
      {links.data.items.length === 0 && <p>{t(manages ? "noLinks.manages" : "noLinks.asks")}</p>}
      {troubled.map((link) => (
        <p key={link.id}>{t(`link.${link.state}`, { title: link.title || link.provider_title })}</p>
      ))}
      {manages && <Link to="/links">{t("toLinks")}</Link>}
    </div>
  );
}
