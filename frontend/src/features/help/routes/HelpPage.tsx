import { useQuery } from "@tanstack/react-query";
import { CircleHelp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { get } from "@/api/client";
import { Page } from "@/components/layout/Shell";
import {
  Card,
  EmptyState,
  Field,
  Input,
  LoadError,
  PageHeader,
  SkeletonList,
  TextLink,
} from "@/components/ui";
import { usePageTitle } from "@/lib/usePageTitle";

type Entry = { id: string; question: string; answer: string; links: { label: string; path: string }[] };

const plain = (text: string) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u064b-\u065f\u0300-\u036f]/g, "")
    .replace(/[أإآ]/g, "ا")
    .replace(/ة/g, "ه")
    .replace(/ى/g, "ي");

/** Questions and answers about the product: the same ones the assistant answers from. */
export default function HelpPage() {
  const { t, i18n } = useTranslation("help");
  const [words, setWords] = useState("");
  const found = useQuery({
    queryKey: ["help", i18n.language],
    queryFn: () => get<Entry[]>("/chatbot/help/"),
    staleTime: 3_600_000,
  });
  usePageTitle(t("title"));
  const asked = plain(words).split(/\s+/).filter(Boolean);
  const shown = (found.data ?? []).filter((entry) => {
    const text = plain(`${entry.question} ${entry.answer}`);
    return asked.every((word) => text.includes(word));
  });
  return (
    <Page narrow>
      <PageHeader title={t("title")}>{t("why")}</PageHeader>
      <Field label={t("search")} className="mb-5">
        <Input type="search" value={words} onChange={(event) => setWords(event.target.value)} />
      </Field>
      {found.isPending && <SkeletonList rows={4} />}
      {found.error && <LoadError error={found.error} retry={() => void found.refetch()} />}
      {found.data && shown.length === 0 && (
        <EmptyState icon={CircleHelp} title={t("none")}>
          {t("noneWhy")}
        </EmptyState>
      )}
      <ul className="flex flex-col gap-2">
        {shown.map((entry) => (
          <li key={entry.id}>
            <Card className="p-0 sm:p-0">
              <details>
                <summary className="cursor-pointer px-4 py-3 font-semibold">{entry.question}</summary>
                <div className="flex flex-col gap-2 px-4 pb-4">
                  <p className="whitespace-pre-line">{entry.answer}</p>
                  {entry.links.length > 0 && (
                    <p className="flex flex-wrap gap-3">
                      {entry.links.map((link) => (
                        <TextLink key={link.path} to={link.path}>
                          {link.label}
                        </TextLink>
                      ))}
                    </p>
                  )}
                </div>
              </details>
            </Card>
          </li>
        ))}
      </ul>
    </Page>
  );
}
