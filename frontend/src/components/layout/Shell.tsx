import { lazy, Suspense, useEffect, useRef, type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";

import { SkeletonList } from "@/components/ui";
import { useSession } from "@/lib/session";

import { BottomBar } from "./BottomBar";
import { ConnectionBanner } from "./ConnectionBanner";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { Assistant } from "./Assistant";

type Part = { default: ComponentType };

/** A part that no page waits for, and that no page breaks without. */
const aside = (load: () => Promise<Part>) => lazy(() => load().catch((): Part => ({ default: () => null })));
const Toasts = aside(() => import("./Toasts"));
const LiveEvents = aside(() => import("./LiveEvents"));
const SessionEnded = aside(() => import("./SessionEnded"));
const Worker = aside(() => import("./Worker"));

/** The frame around every page. */
export function Shell() {
  const { t } = useTranslation("common");
  const { pathname } = useLocation();
  const navigation = useNavigation();
  const signedIn = useSession((session) => session.state === "user");
  const isOver = useSession((session) => session.expired !== "no");
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  // A new page is read from its beginning: the focus goes there, but not at the very start.
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-50 rounded-lg bg-brand px-4 py-2 text-on-brand focus:not-sr-only focus:fixed focus:start-3 focus:top-3"
      >
        {t("nav.skip")}
      </a>
      <div
        aria-hidden
        className="fixed inset-x-0 top-0 z-50 h-0.5 origin-left bg-brand transition-transform duration-500 rtl:origin-right"
        style={{ transform: `scaleX(${navigation.state === "idle" ? 0 : 0.8})` }}
      />
      <Header />
      <ConnectionBanner />
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        // The footer begins below the first screen: what is fetched does not push it.
        className={`flex min-h-[calc(100dvh-4rem)] flex-1 flex-col outline-none ${signedIn ? "pb-36 md:pb-0" : ""}`}
      >
        <Suspense fallback={<SkeletonList className="mx-auto w-full max-w-6xl p-4" />}>
          <Outlet />
        </Suspense>
      </main>
      <Footer />
      {signedIn && <BottomBar />}
      {signedIn && <Assistant />}
      <Suspense fallback={null}>
        <Toasts />
        <Worker />
        {signedIn && (isOver ? <SessionEnded /> : <LiveEvents />)}
      </Suspense>
      <ScrollRestoration getKey={({ pathname: path, search }) => path + search} />
    </div>
  );
}

/** The column that a page stands in. */
export const Page = ({ children, narrow = false }: { children: React.ReactNode; narrow?: boolean }) => (
  <div className={`mx-auto w-full flex-1 px-4 py-6 sm:px-6 sm:py-8 ${narrow ? "max-w-2xl" : "max-w-6xl"}`}>
    {children}
  </div>
);
