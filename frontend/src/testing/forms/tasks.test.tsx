import MyApplicationsPage from "@/features/applications/routes/MyApplicationsPage";
import TaskApplicationsPage from "@/features/applications/routes/TaskApplicationsPage";
import { ApplyForm } from "@/features/tasks/components/ApplyForm";
import { OwnerPanel } from "@/features/tasks/components/OwnerPanel";
import { ReviewForm } from "@/features/tasks/components/ReviewForm";
import EditTaskPage from "@/features/tasks/routes/EditTaskPage";
import NewTaskPage from "@/features/tasks/routes/NewTaskPage";

import { found, meetsTheWorst, press, type Form } from "./meets";
import { aboutTasks, task } from "./things";

const named = (name: string) => `[name="${name}"]`;
const submit = "button[type=submit]";
const nothing = () => undefined;
/** The button of a question that says yes: the last one below it. */
const YES = "[role=dialog] > div:last-child button:last-child";

const TASK: Form["fields"] = {
  title: { css: named("title"), good: "A logo", free: true, limit: 200, required: true },
  description: { css: named("description"), good: "For a bakery", free: true, limit: 10_000, required: true },
  category: { css: named("category"), good: "design", required: true },
  budget: { css: named("budget"), good: "١٬٢٥٠٫٥", required: true },
  estimated_duration: { css: named("estimated_duration"), good: "two weeks", free: true, limit: 100 },
};

meetsTheWorst({
  name: "a new task",
  page: () => <NewTaskPage />,
  path: "/tasks/new",
  given: aboutTasks,
  open: async () => void (await found("option[value=design]")),
  fields: TASK,
  submit,
  method: "post",
  url: "/api/tasks/",
});

meetsTheWorst({
  name: "a task that is changed",
  page: () => <EditTaskPage />,
  path: "/tasks/:id/edit",
  at: "/tasks/7/edit",
  given: aboutTasks,
  open: async () => void (await found("option[value=design]")),
  fields: {
    ...TASK,
    city: { css: named("city"), good: "Cairo", free: true, limit: 100 },
    location: { css: named("location"), good: "Maadi", free: true, limit: 200 },
  },
  submit,
  method: "patch",
  url: "/api/tasks/7/",
});

meetsTheWorst({
  name: "an application",
  page: () => <ApplyForm task={task()} onDone={nothing} />,
  fields: {
    proposal: { css: named("proposal"), good: "So", free: true, limit: 5000, required: true },
    offered_price: { css: named("offered_price"), good: "٤٥٠", required: true },
    estimated_time: { css: named("estimated_time"), good: "3 days", free: true, limit: 100, required: true },
    cover_letter: { css: named("cover_letter"), good: "Dear", free: true, limit: 10_000 },
  },
  submit,
  method: "post",
  url: "/api/tasks/7/applications/",
});

meetsTheWorst({
  name: "an application that is changed",
  page: () => <MyApplicationsPage />,
  given: aboutTasks,
  open: () => press("li button"),
  fields: {
    proposal: { css: named("proposal"), good: "So", free: true, limit: 5000, required: true },
    offered_price: { css: named("offered_price"), good: "450", required: true },
    estimated_time: { css: named("estimated_time"), good: "3 days", free: true, limit: 100, required: true },
  },
  submit,
  method: "patch",
  url: "/api/tasks/applications/3/",
});

meetsTheWorst({
  name: "a refused application",
  page: () => <TaskApplicationsPage />,
  path: "/tasks/:id/applications",
  at: "/tasks/7/applications",
  given: aboutTasks,
  open: () => press("li li button ~ button, li div button + button:not([aria-label])"),
  fields: { reason: { css: "[role=dialog] textarea", good: "Too late", free: true } },
  submit: YES,
  method: "patch",
  url: "/api/tasks/applications/3/",
});

meetsTheWorst({
  name: "a cancelled task",
  page: () => <OwnerPanel task={task()} />,
  open: () => press("section > button"),
  fields: { reason: { css: "[role=dialog] textarea", good: "No longer needed", free: true } },
  submit: YES,
  method: "post",
  url: "/api/tasks/7/cancel/",
});

meetsTheWorst({
  name: "changes that are asked for",
  page: () => <OwnerPanel task={task({ status: "IN_PROGRESS", delivered_at: "2026-01-03T00:00:00Z" })} />,
  open: () => press("section > button + button"),
  fields: { reason: { css: "[role=dialog] textarea", good: "Bluer", free: true, required: true } },
  submit: YES,
  method: "post",
  url: "/api/tasks/7/request-changes/",
});

meetsTheWorst({
  name: "a review",
  page: () => <ReviewForm taskId={7} name="Karim" />,
  open: () => press('[name=rating][value="4"]'),
  fields: { comment: { css: "textarea", good: "Good work", free: true } },
  submit,
  method: "post",
  url: "/api/tasks/7/reviews/",
});
