import { ImagePlus, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button, Card, IconButton, Notice } from "@/components/ui";
import { cn } from "@/lib/cn";

const MOST = 8;
const BYTES = 10 * 1024 * 1024;

type Props = {
  files: File[];
  onFiles: (files: File[]) => void;
  present?: readonly { id: number; image: string | null }[];
  onRemove?: (id: number) => void;
};

/** Pictures of a task: chosen or dropped here, sent with the task; those that are there already can be removed. */
export function Pictures({ files, onFiles, present = [], onRemove }: Props) {
  const { t } = useTranslation("tasks");
  const input = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState("");
  const [over, setOver] = useState(false);
  const take = (list: FileList | null) => {
    const given = [...(list ?? [])];
    const good = given.filter((file) => file.type.startsWith("image/") && file.size <= BYTES);
    const room = MOST - files.length - present.length;
    setFault(
      good.length < given.length
        ? t("pictures.wrong")
        : good.length > room
          ? t("pictures.tooMany", { count: MOST })
          : "",
    );
    onFiles([...files, ...good.slice(0, Math.max(0, room))]);
  };
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="font-medium">{t("pictures.title")}</h2>
      {fault && <Notice tone="bad">{fault}</Notice>}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files);
        }}
        className={cn(
          "flex flex-wrap gap-3 rounded-xl border border-dashed border-line-strong p-3",
          over && "border-brand bg-brand-soft",
        )}
      >
        {present.map(
          (one) => one.image && <Thumb key={one.id} src={one.image} onRemove={() => onRemove?.(one.id)} />,
        )}
        {files.map((file) => (
          <FileThumb
            key={`${file.name}${file.size}${file.lastModified}`}
            file={file}
            onRemove={() => onFiles(files.filter((one) => one !== file))}
          />
        ))}
        <Button
          look="secondary"
          icon={<ImagePlus aria-hidden className="size-5" />}
          onClick={() => input.current?.click()}
        >
          {t("pictures.add")}
        </Button>
        <input
          ref={input}
          type="file"
          accept="image/*"
          multiple
          className="sr-only"
          tabIndex={-1}
          aria-label={t("pictures.add")}
          onChange={(event) => {
            take(event.target.files);
            event.target.value = "";
          }}
        />
      </div>
      <p className="text-sm text-ink-soft">{t("pictures.hint", { count: MOST })}</p>
    </Card>
  );
}

function FileThumb({ file, onRemove }: { file: File; onRemove: () => void }) {
  return (
    <Thumb
      onRemove={onRemove}
      show={(image) => {
        const address = URL.createObjectURL(file);
        if (image) image.src = address;
        return () => URL.revokeObjectURL(address);
      }}
    />
  );
}

type ThumbProps = {
  src?: string;
  show?: (image: HTMLImageElement | null) => () => void;
  onRemove: () => void;
};

function Thumb({ src, show, onRemove }: ThumbProps) {
  const { t } = useTranslation("tasks");
  return (
    <span className="relative">
      <img ref={show} src={src} alt="" className="size-28 rounded-lg object-cover" />
      <IconButton
        label={t("pictures.remove")}
        look="secondary"
        className="absolute end-1 top-1 size-9"
        onClick={onRemove}
      >
        <Trash2 aria-hidden className="size-4" />
      </IconButton>
    </span>
  );
}
