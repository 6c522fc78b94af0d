import { useQuery } from "@tanstack/react-query";
import { Download, FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";

import { http } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Said, Skeleton } from "@/components/ui";
import { fileSize } from "@/lib/format";
import { useErrorText } from "@/lib/useErrorText";

const fetchFile = async (url: string): Promise<Blob> =>
  (await http.get<Blob>(url.replace(/^\/api/, ""), { responseType: "blob", timeout: 120_000 })).data;

/** A file of a conversation. It is fetched with the login: an address alone opens nothing. */
export function PrivateFile({ file, picture }: { file: Schemas["StoredFile"]; picture: boolean }) {
  const { t } = useTranslation("messages");
  const say = useErrorText();
  const found = useQuery({
    queryKey: ["file", file.id],
    queryFn: () => fetchFile(file.url),
    enabled: picture,
    staleTime: Infinity,
    gcTime: 10 * 60_000,
  });
  const save = async () => {
    try {
      const blob = found.data ?? (await fetchFile(file.url));
      const address = URL.createObjectURL(blob);
      const link = document.createElement("a");
      link.href = address;
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    } catch (error) {
      toast.error(say(error));
    }
  };
  return (
    <div className="flex flex-col gap-2">
      {picture && found.isPending && <Skeleton className="h-48 w-64 max-w-full" />}
      {picture && found.data && <Picture blob={found.data} name={file.name} />}
      <button
        type="button"
        onClick={() => void save()}
        className="flex min-h-11 items-center gap-2 rounded-lg text-start underline-offset-4 hover:underline"
      >
        {picture ? (
          <Download aria-hidden className="size-5 shrink-0" />
        ) : (
          <FileText aria-hidden className="size-5 shrink-0" />
        )}
        <span>
          <span className="sr-only">{t("file.save")} </span>
          <Said>{file.name}</Said> <span className="text-sm">{fileSize(file.size)}</span>
        </span>
      </button>
    </div>
  );
}

const Picture = ({ blob, name }: { blob: Blob; name: string }) => (
  <img
    alt={name}
    className="max-h-72 max-w-full rounded-lg object-contain"
    ref={(image) => {
      const address = URL.createObjectURL(blob);
      if (image) image.src = address;
      return () => URL.revokeObjectURL(address);
    }}
  />
);
