import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/problem";
import { Button } from "../../components/Button";
import { Choice, Field } from "../../components/Field";
import styles from "./Forms.module.css";
import { defaultDays, type FilterName, type QueueSearch, type Typed, undrawn } from "./filter";

type Props = {
  search: QueueSearch;
  typed: Typed;
  choices: Schemas["Filters"];
  onApply: (search: QueueSearch, typed: Typed) => void;
};

const spans = ["1", "7", "14", "30", "90"];

/** All filters of this provider's lists, with what there is to choose from now. */
export function FilterForm({ search, typed, choices, onApply }: Props) {
  const { t } = useTranslation("queue");
  const [draft, setDraft] = useState<QueueSearch>(() => undrawn(search));
  const [words, setWords] = useState(typed);
  const [own, setOwn] = useState(Boolean(search.from || search.to));
  const has = (name: FilterName) => choices.filters.some((filter) => filter.name === name);
  const set = (key: string, value: string) => setDraft({ ...draft, [key]: value });
  const any = { value: "", label: t("form.any") };
  const options = (values: readonly string[]) => [any, ...values.map((value) => ({ value, label: value }))];
  const named = (values: readonly Schemas["Choice"][]) => [any, ...values.map((v) => ({ value: v.id, label: v.name }))];
  const choice = (key: string, label: string, list: readonly { value: string; label: string }[]) => (
    <Choice
      key={key}
      label={label}
      value={draft[key] ?? ""}
      options={known(list, draft[key])}
      onChange={(event) => set(key, event.currentTarget.value)}
    />
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const kept = Object.entries(draft).filter(
      ([key, value]) => value && (own ? key !== "days" : key !== "from" && key !== "to"),
    );
    onApply(Object.fromEntries(kept), words);
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={t("form.title")} autoComplete="off">
      <Choice
        label={t("form.days")}
        value={own ? "own" : (draft.days ?? String(defaultDays))}
        options={[
          ...spans.map((value) => ({ value, label: t("days", { count: Number(value) }) })),
          { value: "own", label: t("form.dates") },
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setOwn(value === "own");
          if (value !== "own") set("days", value === String(defaultDays) ? "" : value);
        }}
      />
      {own && (
        <>
          <Field
            label={t("form.from")}
            type="date"
            value={(draft.from ?? "").slice(0, 10)}
            onChange={(e) => set("from", e.currentTarget.value)}
          />
          <Field
            label={t("form.to")}
            type="date"
            value={(draft.to ?? "").slice(0, 10)}
            onChange={(e) => set("to", e.currentTarget.value)}
          />
        </>
      )}
      {has("status") && choice("status", t("name.status"), options(choices.statuses))}
      {has("agent") && choice("agent", t("name.agent"), named(choices.agents))}
      {has("group") && choice("group", t("name.group"), named(choices.groups))}
      {has("channel") && choice("channel", t("name.channel"), options(choices.channels))}
      {has("direction") && choice("direction", t("name.direction"), options(["inbound", "outbound"]))}
      {has("csat") && choice("csat", t("name.csat"), options(choices.csat))}
      {has("field") && choices.fields.map((field) => choice(`field.${field.id}`, field.name, named(field.values)))}
      {has("tag") && (
        <Field
          label={t("name.tag")}
          help={t("form.tagHelp")}
          value={draft.tag ?? ""}
          maxLength={200}
          onChange={(e) => set("tag", e.currentTarget.value.replaceAll(/\s+/g, ""))}
        />
      )}
      {has("text") && (
        <Field
          label={t("name.text")}
          help={t("form.textHelp")}
          value={words.text ?? ""}
          maxLength={500}
          onChange={(e) => setWords({ ...words, text: e.currentTarget.value })}
        />
      )}
      {has("person") && (
        <Field
          label={t("name.person")}
          help={t("form.personHelp")}
          value={words.person ?? ""}
          maxLength={320}
          onChange={(e) => setWords({ ...words, person: e.currentTarget.value })}
        />
      )}
      <div className={styles.foot}>
        <Button type="submit" kind="primary">
          {t("form.apply")}
        </Button>
        <Button onClick={() => onApply({ list: search.list }, {})}>{t("form.clear")}</Button>
      </div>
    </form>
  );
}

/** A value of the address that the provider does not list stays what it is. */
function known(list: readonly { value: string; label: string }[], value: string | undefined) {
  return !value || list.some((option) => option.value === value) ? list : [...list, { value, label: value }];
}
