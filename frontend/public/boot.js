// Before the first paint: the language's direction and the theme, so that nothing turns or flashes.
(function () {
  var root = document.documentElement;
  try {
    var language =
      localStorage.getItem("multitask.language") || (/^en/.test(navigator.language) ? "en" : "ar");
    root.lang = language;
    root.dir = language === "ar" ? "rtl" : "ltr";
    var theme = localStorage.getItem("multitask.theme") || "system";
    var dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.classList.toggle("dark", dark);
  } catch {
    /* storage is switched off: the defaults of the page hold */
  }
})();
