import type { ReactNode } from "react";

import { Card } from "@/components/ui";

/** The frame of the pages on which one logs in, registers or sets a password. */
export const AuthCard = ({
  title,
  children,
  below,
}: {
  title: ReactNode;
  children: ReactNode;
  below?: ReactNode;
}) => (
  <div className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center gap-4 px-4 py-8">
    <Card className="flex flex-col gap-5 sm:p-8">
      <h1 className="text-2xl font-bold">{title}</h1>
      {children}
    </Card>
    {below && <p className="text-center text-ink-soft">{below}</p>}
  </div>
);
