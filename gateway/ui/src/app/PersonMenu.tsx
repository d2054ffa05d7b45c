import { useMediaQuery } from "@mantine/hooks";
import { IconChevronDown, IconKeyboard, IconLogout } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Session } from "../api/useSession";
import { Button } from "../components/Button";
import { Menu } from "../components/Menu";
import { pagesFor } from "./pages";
import styles from "./TopBar.module.css";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "./theme";

const themes: readonly ThemeChoice[] = ["system", "light", "dark"];

/** Who is signed in, the pages (where the bar has no room for them), theme, keys, signing out. */
export function PersonMenu({ session, onKeys }: { session: Session | null; onKeys: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const theme = useThemeChoice();
  const narrow = useMediaQuery("(max-width: 820px)"); // where TopBar.module.css hides the pages
  const name = session ? session.name || session.login || session.principal : t("nobody");
  return (
    <Menu
      label={t("person")}
      head={session && <Who session={session} name={name} />}
      trigger={
        <Button kind="bare" className={styles.person} aria-label={t("personMenu", { name })}>
          <span className={styles.name}>{name}</span>
          <IconChevronDown size={16} stroke={1.5} aria-hidden="true" />
        </Button>
      }
      groups={[
        {
          entries: (session && narrow ? pagesFor(session) : []).map((page) => ({
            id: page.to,
            title: t(page.title),
            run: () => void navigate({ to: page.to }),
          })),
        },
        {
          title: t("theme.title"),
          entries: themes.map((choice) => ({
            id: choice,
            title: t(`theme.${choice}`),
            on: theme === choice,
            choice: true,
            run: () => chooseTheme(choice),
          })),
        },
        {
          entries: [
            { id: "keys", title: t("keys.sheet"), icon: <IconKeyboard size={16} stroke={1.5} />, run: onKeys },
            ...(session
              ? [{ id: "out", title: t("signOut"), icon: <IconLogout size={16} stroke={1.5} />, run: signOut }]
              : []),
          ],
        },
      ]}
    />
  );
}

function Who({ session, name }: { session: Session; name: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.who}>
      <strong>{name}</strong>
      <span>{session.roles.map((role) => t(`role.${role}`)).join(", ")}</span>
      <span>{session.site_name}</span>
    </div>
  );
}

/** Signing out empties the page: it is loaded anew, so that nothing that was read stays in its memory. */
function useSignOut() {
  const queries = useQueryClient();
  return () => {
    const leave = () => {
      queries.clear();
      location.assign("/signin");
    };
    call("/api/v1/session", { method: "DELETE", signIn: "refuse" }).then(leave, (cause: unknown) => {
      if (cause instanceof Problem && cause.status === 401) leave();
      else location.reload();
    });
  };
}
