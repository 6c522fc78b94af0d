/** localStorage that may be switched off or full: reading gives null then, writing does nothing. */
export const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(`multitask.${key}`);
  } catch {
    return null;
  }
};

export const store = (key: string, value: string | null) => {
  try {
    if (value === null) localStorage.removeItem(`multitask.${key}`);
    else localStorage.setItem(`multitask.${key}`, value);
  } catch {
    // Nothing depends on it being kept.
  }
};
