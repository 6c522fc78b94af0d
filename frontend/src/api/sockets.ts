import i18n from "i18next";

import { LiveSocket } from "./live";

const language = () => i18n.language || "ar";

export const chatSocket = new LiveSocket("chat", language);
export const notificationSocket = new LiveSocket("notifications", language);
