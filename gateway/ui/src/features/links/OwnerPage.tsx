import { useTranslation } from "react-i18next";
import { CopyButton } from "../../components/CopyButton";
import styles from "./OwnerPage.module.css";

/** One page in plain words for whoever owns the account at the provider: to be copied, and read before. */
export function OwnerPage({ provider, text }: { provider: string; text: string }) {
  const { t } = useTranslation("links");
  return (
    <section className={styles.owner} aria-label={t("owner.title", { provider })}>
      <p>
        {t("owner.say", { provider })} <CopyButton text={text} label={t("owner.copy", { provider })} />
      </p>
      <details>
        <summary>{t("owner.show")}</summary>
        <pre>{text}</pre>
      </details>
    </section>
  );
}
