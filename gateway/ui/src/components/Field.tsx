import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, useId } from "react";
import styles from "./Field.module.css";

interface Around {
  label: string;
  help?: ReactNode;
  /** What is wrong with it; the gateway says it by field name. */
  error?: string | undefined;
}

interface FieldProps extends Around, Omit<InputHTMLAttributes<HTMLInputElement>, "id"> {
  mono?: boolean;
  ref?: Ref<HTMLInputElement>;
}

/** A labelled text input with its help and its error. */
export function Field({ label, help, error, mono, ...input }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={mono ? styles.monoInput : styles.input}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        {...input}
      />
      <Below id={id} help={help} error={error} />
    </div>
  );
}

interface ChoiceProps extends Around, Omit<SelectHTMLAttributes<HTMLSelectElement>, "id"> {
  options: readonly { value: string; label: string }[];
}

/** A labelled native select: it opens with the keyboard, on a phone and under zoom. */
export function Choice({ label, help, error, options, ...select }: ChoiceProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={styles.input} aria-describedby={help ? `${id}-help` : undefined} {...select}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
      <Below id={id} help={help} error={error} />
    </div>
  );
}

function Below({ id, help, error }: { id: string; help?: ReactNode; error?: string | undefined }) {
  return (
    <>
      {help && (
        <p id={`${id}-help`} className={styles.help}>
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      )}
    </>
  );
}

interface TickProps {
  label: string;
  help?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
  /** "radio" needs the name that its group shares. */
  type?: "checkbox" | "radio";
  name?: string;
}

export function Tick({ label, help, checked, disabled, onChange, type = "checkbox", name }: TickProps) {
  const id = useId();
  return (
    <div className={styles.tick}>
      <input
        id={id}
        type={type}
        name={name}
        checked={checked}
        disabled={disabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {help && (
        <p id={`${id}-help`} className={styles.help}>
          {help}
        </p>
      )}
    </div>
  );
}
