import betterTailwind from "eslint-plugin-better-tailwindcss";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Physical sides are wrong in one of the two directions: only logical ones (start, end) may be written.
const physical = [
  { pattern: "^(.*:)?-?m[lr]-(.*)$", message: "Use ms-/me-: it turns with the language." },
  { pattern: "^(.*:)?-?p[lr]-(.*)$", message: "Use ps-/pe-: it turns with the language." },
  { pattern: "^(.*:)?-?(left|right)-(.*)$", message: "Use start-/end-: it turns with the language." },
  { pattern: "^(.*:)?text-(left|right)$", message: "Use text-start/text-end." },
  {
    pattern: "^(.*:)?(border|rounded)-(l|r|tl|tr|bl|br)(-.*)?$",
    message: "Use the logical side (s, e, ss, se, es, ee).",
  },
  { pattern: "^(.*:)?(float|clear)-(left|right)$", message: "Use float-start/float-end." },
];

export default tseslint.config(
  { ignores: ["dist", "src/api/schema.d.ts", "playwright-report", "test-results"] },
  ...tseslint.configs.strict,
  {
    plugins: { "react-hooks": reactHooks, "better-tailwindcss": betterTailwind },
    settings: { "better-tailwindcss": { entryPoint: "src/styles/index.css" } },
    rules: {
      ...reactHooks.configs["recommended-latest"]?.rules,
      "better-tailwindcss/no-restricted-classes": ["error", { restrict: physical }],
      "better-tailwindcss/no-conflicting-classes": "error",
      "better-tailwindcss/no-duplicate-classes": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["@/features/*/*"],
              message: "A feature is imported by its index only, and by app/ alone.",
            },
          ],
        },
      ],
      "no-console": "error",
    },
  },
  {
    // Features know shared folders, never each other.
    files: ["src/features/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ group: ["@/features/*", "@/app/*"], message: "Features import shared folders only." }],
        },
      ],
    },
  },
  {
    files: ["e2e/**", "src/**/*.test.*", "scripts/**"],
    rules: { "no-console": "off", "no-restricted-imports": "off" },
  },
);
