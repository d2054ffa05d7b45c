import { IconX } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/problem";
import { Button } from "../../components/Button";
import styles from "./Chips.module.css";
import { type Chip, defaultDays } from "./filter";

type Props = {
  chips: readonly Chip[];
  choices: Schemas["Filters"] | undefined;
  provider: string;
  /** How far reading is, for what is filtered here. */
  progress: string;
  onRemove: (chip: Chip) => void;
};

/** The filters that are on, and who applies each. */
export function Chips({ chips, choices, provider, progress, onRemove }: Props) {
  const { t } = useTranslation("queue");
  return (
    <ul className={styles.chips} aria-label={t("active")}>
      {chips.map((chip) => {
        const words = chipWords(chip, choices, t);
        const by = choices?.filters.find((filter) => filter.name === chip.name)?.by;
        const removable = chip.name !== "dates" || chip.value !== String(defaultDays);
        return (
          <li key={chip.key} className={styles.chip} data-by={by}>
            <span className={styles.says}>
              <span className={styles.words}>{words}</span>
              {by && (
                <span className={styles.by}>
                  {t(`by.${by}`, { provider })}
                  {by === "here" && progress && `, ${progress}`}
                </span>
              )}
            </span>
            {removable && (
              <Button
                kind="bare"
                className={styles.remove}
                aria-label={t("remove", { filter: words })}
                onClick={() => onRemove(chip)}
              >
                <IconX size={14} stroke={1.5} aria-hidden />
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** "Agent: Mara Lindqvist". */
export function chipWords(chip: Chip, choices: Schemas["Filters"] | undefined, t: TFunction<"queue">): string {
  if (chip.name === "dates") return dateWords(chip.value, t);
  if (chip.name === "field") {
    const field = choices?.fields.find((f) => `field.${f.id}` === chip.key);
    const value = field?.values.find((v) => v.id === chip.value)?.name ?? chip.value;
    return `${field?.name ?? chip.key.slice("field.".length)}: ${value}`;
  }
  const named = { agent: choices?.agents, group: choices?.groups }[chip.name as "agent" | "group"];
  const value = named?.find((choice) => choice.id === chip.value)?.name ?? chip.value.replaceAll(",", ", ");
  return `${t(`name.${chip.name}`)}: ${value}`;
}

function dateWords(value: string, t: TFunction<"queue">): string {
  const [from = "", to] = value.split("/");
  if (to === undefined) return t("days", { count: Number(value) });
  if (from && to) return t("span", { from, to });
  return from ? t("spanFrom", { from }) : t("spanTo", { to });
}
