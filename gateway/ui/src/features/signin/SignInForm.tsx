import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { callJSON } from "../../api/client";
import type { Problem } from "../../api/problem";
import type { Session } from "../../api/useSession";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./SignIn.module.css";

interface Props {
  onSignedIn: (session: Session) => void;
}

export function SignInForm({ onSignedIn }: Props) {
  const { t } = useTranslation("signin");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation<Session, Problem>({
    mutationFn: () =>
      callJSON<Session>("/api/v1/session", { method: "POST", body: { login, password }, signIn: "refuse" }),
    onSuccess: onSignedIn,
    onSettled: () => setPassword(""),
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <Field
        label={t("login")}
        name="login"
        autoComplete="username"
        autoCapitalize="none"
        required
        data-autofocus
        value={login}
        onChange={(e) => setLogin(e.currentTarget.value)}
      />
      <Field
        label={t("password")}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
      />
      {signIn.error && <ProblemNote problem={signIn.error} />}
      <Button kind="primary" type="submit" disabled={signIn.isPending}>
        {t("signIn")}
      </Button>
    </form>
  );
}
