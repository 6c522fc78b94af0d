/** What the server asks of a password, so that one hears of it while typing. Keys of `auth:password.*`. */
export function passwordFaults(password: string, about: string[] = []): ("short" | "numeric" | "similar")[] {
  const faults: ("short" | "numeric" | "similar")[] = [];
  if (password.length < 8) faults.push("short");
  if (/^\d+$/.test(password)) faults.push("numeric");
  const plain = password.toLowerCase();
  if (about.some((word) => word.length > 3 && plain.includes(word.toLowerCase().split("@")[0] ?? word)))
    faults.push("similar");
  return faults;
}
