import { useTranslation } from "react-i18next";
import { en } from "./en";
import styles from "./SignIn.module.css";

/** Why the provider's button led back here. What the address says is put into words we know. */
export function Refused({ why }: { why: string | undefined }) {
  const { t } = useTranslation("signin");
  if (!why) return null;
  const known = Object.hasOwn(en.refused, why) ? (why as keyof typeof en.refused) : "nonsense";
  return (
    <p role="alert" className={styles.refused}>
      {t(`refused.${known}`)}
    </p>
  );
}
