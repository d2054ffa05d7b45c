import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CopyButton } from "../../components/CopyButton";
import styles from "./Samples.module.css";
import type { Demo } from "./useDemo";

/** What is worth opening, each with the reason to look. The provider's own address is there to be pasted. */
export function Samples({ samples }: { samples: Demo["samples"] }) {
  const { t } = useTranslation("demo");
  return (
    <section aria-labelledby="samples">
      <h2 id="samples">{t("samples")}</h2>
      <ul className={styles.list}>
        {samples.map((sample) => (
          <li key={sample.path} className={styles.row}>
            <Link to={sample.path} className={styles.link}>
              <span className={styles.title}>{sample.title}</span>
              <code className={styles.ref}>{refOf(sample.path)}</code>
              <span className={styles.why}>{sample.why}</span>
            </Link>
            <CopyButton bare text={sample.url} label={t("copyAddress", { title: sample.title })} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** "/i/zd/ticket/5012" → "zd ticket 5012". */
function refOf(path: string): string {
  return path.split("?")[0]?.split("/").slice(2).map(decodeURIComponent).join(" ") ?? "";
}
