/** The server's highlights: escaped text with <mark> around what was found. Nothing else in it is taken for HTML. */
export function Marked({ html }: { html: string }) {
  const parts = html.split(/(<mark>.*?<\/mark>)/s);
  return (
    <bdi>
      {parts.map((part, index) => {
        const inner = /^<mark>(.*)<\/mark>$/s.exec(part)?.[1];
        return inner === undefined ? (
          plain(part)
        ) : (
          <mark key={index} className="rounded bg-accent-soft px-0.5 text-inherit">
            {plain(inner)}
          </mark>
        );
      })}
    </bdi>
  );
}

const NAMES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
  "&#39;": "'",
};
const plain = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot|#x27|#39);/g, (found) => NAMES[found] ?? found);
