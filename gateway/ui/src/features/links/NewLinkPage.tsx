import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../../api/problem";
import { Choice } from "../../components/Field";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { authorize, type NewLink, useAddLink, useLinks, useProviders } from "./links";
import { NewLinkForm } from "./NewLinkForm";

/** Adds a link and goes straight on to the provider's consent, or to the link's first test. */
export function NewLinkPage() {
  const { t } = useTranslation("links");
  const navigate = useNavigate();
  const providers = useProviders();
  const links = useLinks();
  const add = useAddLink();
  const [chosen, setChosen] = useState<string>();
  const provider = providers.data?.items.find((p) => p.name === chosen) ?? providers.data?.items[0];

  const save = (link: NewLink) =>
    add.mutate(link, {
      onSuccess: async (made) => {
        const url = await authorize(made.id).catch((problem: Problem) => problem);
        if (typeof url === "string") return location.assign(url);
        // It exists now: whatever failed is shown, and can be tried again, at the link itself.
        const search = url ? { problem: url.code, ...(url.why ? { why: url.why } : {}) } : {};
        await navigate({ to: "/links/$link", params: { link: made.id }, search, replace: true });
      },
    });
  return (
    <Page title={t("addTitle")} say={t("addSay")}>
      {providers.isPending && <Skeleton lines={4} label={t("loading")} />}
      {providers.error && <ProblemNote problem={providers.error} onRetry={() => void providers.refetch()} />}
      {provider && providers.data && !links.isPending && (
        <>
          {providers.data.items.length > 1 && (
            <Choice
              label={t("form.provider")}
              value={provider.name}
              onChange={(event) => setChosen(event.currentTarget.value)}
              options={providers.data.items.map((p) => ({ value: p.name, label: p.title }))}
            />
          )}
          <NewLinkForm
            key={provider.name}
            provider={provider}
            taken={links.data?.items.map((l) => l.id) ?? []}
            problem={add.error}
            busy={add.isPending}
            onSave={save}
          />
        </>
      )}
    </Page>
  );
}
