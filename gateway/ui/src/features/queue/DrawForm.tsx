import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import styles from "./Forms.module.css";
import { asSeed, type DrawOf, newSeed } from "./filter";

/** How many, and the seed, which may be one that somebody has told. */
export function DrawForm({ draw, onDraw }: { draw: DrawOf | undefined; onDraw: (draw: DrawOf) => void }) {
  const { t } = useTranslation("queue");
  const [count, setCount] = useState(String(draw?.n ?? 5));
  const [typed, setTyped] = useState(draw?.seed ?? "");
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const seed = typed.trim() ? asSeed(typed) : newSeed();
    setWrong(!seed);
    const n = Math.min(100, Math.max(1, Math.round(Number(count)) || 1));
    if (seed) onDraw({ n, seed });
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={t("random.title")} autoComplete="off">
      <Field
        label={t("random.count")}
        type="number"
        min={1}
        max={100}
        required
        value={count}
        onChange={(e) => setCount(e.currentTarget.value)}
      />
      <Field
        mono
        label={t("random.seed")}
        help={t("random.seedHelp")}
        error={wrong ? t("random.seedWrong") : undefined}
        value={typed}
        maxLength={20}
        onChange={(e) => setTyped(e.currentTarget.value)}
      />
      <div className={styles.foot}>
        <Button type="submit" kind="primary">
          {t("random.go")}
        </Button>
      </div>
    </form>
  );
}
