import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/useSession";
import { Button } from "../../components/Button";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { NewUserDialog } from "./NewUserDialog";
import { UserRow } from "./UserRow";
import styles from "./Users.module.css";
import { useUsers } from "./users";

export function UsersPage() {
  const { t } = useTranslation("users");
  const me = useSession().data?.principal;
  const users = useUsers();
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title={t("title")}
      say={t("say")}
      actions={
        users.data && (
          <Button kind="primary" onClick={() => setAdding(true)}>
            {t("add")}
          </Button>
        )
      }
    >
      {users.isPending && <Skeleton lines={4} label={t("loading")} />}
      {users.error && <ProblemNote problem={users.error} onRetry={() => void users.refetch()} />}
      {users.data && (
        <ul className={styles.list}>
          {users.data.items.map((user) => (
            <UserRow key={user.id} user={user} isMe={user.id === me} />
          ))}
        </ul>
      )}
      {adding && <NewUserDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}
