import { useQuery } from "@tanstack/react-query";
import { FolderOpen } from "lucide-react";
import type { ReactNode } from "react";

import { fetchAssigned, fetchMine } from "@/api/tasks";
import { TaskCard } from "@/components/tasks/TaskCard";
import { EmptyState, LoadError, Pager, SkeletonList } from "@/components/ui";

type Props = {
  of: "mine" | "assigned";
  params: Record<string, string | undefined>;
  empty: string;
  why: string;
  action?: ReactNode;
};

/** A page of one's own tasks. */
export function OwnList({ of, params, empty, why, action }: Props) {
  const found = useQuery({
    queryKey: ["tasks", of, params],
    queryFn: () => (of === "mine" ? fetchMine(params) : fetchAssigned(params)),
  });
  if (found.isPending) return <SkeletonList />;
  if (found.error) return <LoadError error={found.error} retry={() => void found.refetch()} />;
  if (found.data.results.length === 0) {
    return (
      <EmptyState icon={FolderOpen} title={empty} action={action}>
        {why}
      </EmptyState>
    );
  }
  return (
    <>
      <ul className="flex flex-col gap-3">
        {found.data.results.map((task) => (
          <li key={task.id}>
            <TaskCard task={task} />
          </li>
        ))}
      </ul>
      <Pager count={found.data.count} />
    </>
  );
}
