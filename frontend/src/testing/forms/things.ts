import { http, HttpResponse } from "msw";

import type { Task } from "@/api/tasks";
import type { Schemas } from "@/api/types";

import { someone } from "../render";

const other = { ...someone({ id: 2, username: "karim", first_name: "كريم" }), last_seen: null };

/** A task as the API gives it. */
export const task = (changes: object = {}) =>
  ({
    id: 7,
    listing_type: "task_request",
    category: { id: 1, slug: "design", name_en: "Design", name_ar: "تصميم", icon: "" },
    title: "A logo",
    description: "For a bakery",
    budget: "500.00",
    is_negotiable: false,
    task_type: "DIGITAL",
    is_remote: false,
    city: "Cairo",
    location: "",
    deadline: null,
    estimated_duration: "",
    required_skills: [],
    image: null,
    images: [],
    client: someone(),
    assigned_to: null,
    status: "OPEN",
    applications_count: 1,
    views_count: 0,
    created_at: "2026-01-01T00:00:00Z",
    delivered_at: null,
    ...changes,
  }) as unknown as Task;

/** An application to it, not decided. */
export const application = (changes: object = {}) =>
  ({
    id: 3,
    task: task(),
    freelancer: other,
    proposal: "I would do it so",
    offered_price: "450.00",
    estimated_time: "3 days",
    cover_letter: "",
    status: "PENDING",
    rejection_reason: "",
    created_at: "2026-01-02T00:00:00Z",
    ...changes,
  }) as unknown as Schemas["Application"];

export const page = <T>(results: T[]) => ({ count: results.length, next: null, previous: null, results });

/** What a form about tasks asks for while it is open. */
export const aboutTasks = () => [
  http.get("/api/categories/", () =>
    HttpResponse.json([{ id: 1, slug: "design", name_en: "Design", name_ar: "تصميم", icon: "" }]),
  ),
  http.get("/api/skills/", () => HttpResponse.json(page([]))),
  http.post("/api/tasks/suggestions/", () =>
    HttpResponse.json({ skills: [], category: null, price: null, duplicates: [] }),
  ),
  http.get("/api/tasks/7/", () => HttpResponse.json(task())),
  http.get("/api/tasks/7/applications/", () => HttpResponse.json(page([application()]))),
  http.get("/api/tasks/applications/", () => HttpResponse.json(page([application()]))),
];
