import { useTranslation } from "react-i18next";
import { Choice, Field } from "../../components/Field";
import type { Provider } from "./links";

export type Setting = Provider["settings"][number];

interface Props {
  setting: Setting;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** One setting of a connector: a list where only some values are possible, a field otherwise. */
export function SettingField({ setting, value, error, onChange }: Props) {
  const { t } = useTranslation("links");
  const label = setting.required || setting.options ? setting.title : t("form.optional", { title: setting.title });
  if (setting.options) {
    return (
      <Choice
        label={label}
        help={setting.help}
        error={error}
        options={setting.options.map((o) => ({ value: o.value, label: o.title }))}
        value={value || setting.default}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
    );
  }
  const help = setting.default
    ? t("form.helpDefault", { help: setting.help, value: setting.default })
    : setting.example
      ? t("form.helpExample", { help: setting.help, example: setting.example })
      : setting.help;
  return (
    <Field label={label} help={help} error={error} value={value} onChange={(e) => onChange(e.currentTarget.value)} />
  );
}
