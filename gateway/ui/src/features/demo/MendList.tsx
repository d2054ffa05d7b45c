import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import styles from "./MendList.module.css";
import { type Demo, useBreak } from "./useDemo";

/** Beside a needed sign-in: what was broken may be why, and the bar cannot be reached below a dialog. */
export function MendList({ demo, onMended }: { demo: Demo; onMended: () => void }) {
  const { t } = useTranslation("demo");
  const mend = useBreak();
  const on = demo.breaks.filter((b) => b.on);
  return (
    <div className={styles.mend}>
      {on.length > 0 && <p>{t("mendSay")}</p>}
      {on.map((b) => (
        <Button key={b.id} onClick={() => mend.mutate({ id: b.id, undo: true }, { onSuccess: onMended })}>
          {t("mend", { title: b.title })}
        </Button>
      ))}
      <p>{t("terminal")}</p>
    </div>
  );
}
