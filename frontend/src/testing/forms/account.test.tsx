import { http, HttpResponse } from "msw";

import AssistantPanel from "@/components/layout/AssistantPanel";
import PreferencesPage from "@/features/notifications/routes/PreferencesPage";
import OnboardingPage from "@/features/onboarding/routes/OnboardingPage";
import ProfilePage from "@/features/settings/routes/ProfilePage";
import SecurityPage from "@/features/settings/routes/SecurityPage";
import SettingsPage from "@/features/settings/routes/SettingsPage";
import { useSession } from "@/lib/session";
import { store } from "@/lib/storage";

import { meetsTheWorst, press } from "./meets";
import { page } from "./things";

const named = (name: string) => `[name="${name}"]`;
const PASSWORD = "a-long-Passphrase-7";
const submit = "button[type=submit]";
const nothing = () => undefined;
const YES = "[role=dialog] > div:last-child button:last-child";

const aboutMe = () => [
  http.get("/api/skills/user-skills/", () => HttpResponse.json(page([]))),
  http.get("/api/skills/", () => HttpResponse.json(page([]))),
  http.get("/api/categories/", () => HttpResponse.json([])),
  http.get("/api/recommendations/preferences/", () =>
    HttpResponse.json({
      interests: [],
      min_budget: null,
      max_budget: null,
      preferred_location: "",
      prefer_remote: true,
      prefer_physical: false,
    }),
  ),
  http.get("/api/notifications/preferences/", () =>
    HttpResponse.json({
      matrix: {},
      locked: [],
      quiet_from: null,
      quiet_to: null,
      digest: "off",
      digest_hour: 8,
      digest_weekday: 0,
    }),
  ),
  http.get("/api/notifications/push/", () =>
    HttpResponse.json({ enabled: false, detail: "-", public_key: null, subscriptions: [] }),
  ),
];

meetsTheWorst({
  name: "the profile",
  page: () => <ProfilePage />,
  given: aboutMe,
  fields: {
    first_name: { css: named("first_name"), good: "منى", free: true, limit: 150, required: true },
    last_name: { css: named("last_name"), good: "Said", free: true, limit: 150 },
    bio: { css: named("bio"), good: "I draw", free: true, limit: 5000 },
    city: { css: named("city"), good: "Giza", free: true, limit: 100 },
    phone_number: { css: named("phone_number"), good: "01001234567", limit: 20 },
  },
  submit,
  method: "patch",
  url: "/api/auth/user/",
});

meetsTheWorst({
  name: "the address",
  page: () => <SettingsPage />,
  fields: { email: { css: named("email"), good: "new@example.org", required: true } },
  submit,
  method: "patch",
  url: "/api/auth/user/",
});

meetsTheWorst({
  name: "the password",
  page: () => <SecurityPage />,
  fields: {
    old_password: { css: named("old_password"), good: PASSWORD, limit: 128, required: true },
    new_password: { css: named("new_password"), good: `${PASSWORD}8`, limit: 128, required: true },
    new_password2: { css: named("new_password2"), good: `${PASSWORD}8` },
  },
  submit,
  method: "post",
  url: "/api/auth/password/change/",
});

meetsTheWorst({
  name: "the end of an account",
  page: () => <SecurityPage />,
  open: () => press("section:last-of-type > button"),
  fields: { password: { css: "[role=dialog] input", good: PASSWORD, required: true } },
  submit: YES,
  method: "delete",
  url: "/api/auth/user/",
});

meetsTheWorst({
  name: "quiet hours",
  page: () => <PreferencesPage />,
  given: aboutMe,
  fields: {
    quiet_from: { css: "form [type=time]", good: "22:00" },
    quiet_to: { css: "form div:nth-of-type(2) > [type=time]", good: "07:00" },
  },
  submit,
  method: "patch",
  url: "/api/notifications/preferences/",
});

const step = (name: string, type: "client" | "both") => {
  store("onboarding", name);
  const { user } = useSession.getState();
  if (user) useSession.setState({ user: { ...user, user_type: type } });
  return <OnboardingPage />;
};

meetsTheWorst({
  name: "a client's city",
  page: () => step("place", "client"),
  fields: { city: { css: "form input", good: "Tanta", free: true } },
  submit,
  method: "patch",
  url: "/api/auth/user/",
});

meetsTheWorst({
  name: "a freelancer's budget",
  page: () => step("budget", "both"),
  given: aboutMe,
  fields: {
    min_budget: { css: "form div > div:nth-of-type(1) > input", good: "٥٢٠" },
    max_budget: { css: "form div > div:nth-of-type(2) > input", good: "1500.50" },
  },
  submit,
  method: "patch",
  url: "/api/recommendations/preferences/",
});

meetsTheWorst({
  name: "a freelancer's place",
  page: () => step("place", "both"),
  given: aboutMe,
  fields: { preferred_location: { css: "form input", good: "Aswan", free: true } },
  submit,
  method: "patch",
  url: "/api/recommendations/preferences/",
});

meetsTheWorst({
  name: "a question to the assistant",
  page: () => <AssistantPanel open onOpenChange={nothing} />,
  fields: { message: { css: "textarea", good: "Hello", free: true } },
  bare: true,
  submit,
  method: "post",
  url: "/api/chatbot/chat/",
});
