import { expect, it } from "vitest";

import { bumped, changed, marked, type Notification, type Pages } from "./notifications";

const row = (id: number, more: Partial<Notification> = {}) =>
  ({
    id,
    title: `line ${id}`,
    is_read: false,
    read_at: null,
    bumped_at: `2026-01-0${id}T00:00:00Z`,
    ...more,
  }) as Notification;
const pages: Pages = {
  pages: [
    { next: null, previous: null, results: [row(4), row(3)] },
    { next: null, previous: null, results: [row(2), row(1)] },
  ],
  pageParams: ["", "c"],
};
const ids = (found: Pages | undefined) => found?.pages.map((page) => page.results.map(({ id }) => id));
const read = (found: Pages | undefined) =>
  found?.pages.flatMap((page) => page.results.filter((one) => one.is_read).map(({ id }) => id));

it("puts a new line first, and one that tells of more than before there again", () => {
  expect(ids(bumped(pages, row(5)))).toEqual([
    [5, 4, 3],
    [2, 1],
  ]);
  const found = bumped(pages, row(2, { title: "two messages" }));
  expect(ids(found)).toEqual([[2, 4, 3], [1]]);
  expect(found?.pages[0]?.results[0]?.title).toBe("two messages");
});

it("changes a line where it stands", () => {
  expect(ids(changed(pages, row(3, { is_read: true })))).toEqual(ids(pages));
  expect(read(changed(pages, row(3, { is_read: true })))).toEqual([3]);
});

it("marks one line", () => {
  expect(read(marked(pages, { id: 2, all_up_to: null, is_read: true, read_at: "x" }))).toEqual([2]);
});

it("marks all up to a time, and not what came after it", () => {
  const event = { id: null, all_up_to: "2026-01-03T00:00:00Z", is_read: true, read_at: "x" };
  expect(read(marked(pages, event))).toEqual([3, 2, 1]);
});

it("has nothing to change where nothing was fetched", () => {
  const event = { id: 1, all_up_to: null, is_read: true, read_at: null };
  expect([bumped(undefined, row(1)), changed(undefined, row(1)), marked(undefined, event)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
