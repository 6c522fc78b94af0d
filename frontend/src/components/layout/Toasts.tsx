import { useTranslation } from "react-i18next";
import { Toaster } from "sonner";

import { directionOf } from "@/i18n";
import { useTheme } from "@/lib/theme";

/** Where short messages appear, at the end of a line in either direction. */
export default function Toasts() {
  const { t, i18n } = useTranslation("common");
  const theme = useTheme((state) => state.theme);
  const direction = directionOf(i18n.language);
  return (
    <Toaster
      dir={direction}
      theme={theme}
      position={direction === "rtl" ? "top-left" : "top-right"}
      containerAriaLabel={t("toast.label")}
      toastOptions={{ closeButtonAriaLabel: t("action.close") }}
      closeButton
      richColors
    />
  );
}
