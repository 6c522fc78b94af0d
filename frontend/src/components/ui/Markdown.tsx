import ReactMarkdown from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import { Link } from "react-router";

const ALLOWED = [
  "p",
  "br",
  "strong",
  "em",
  "ul",
  "ol",
  "li",
  "a",
  "code",
  "pre",
  "blockquote",
  "h3",
  "h4",
  "hr",
];

/** Markdown that others wrote: no HTML, no pictures, links only to our own pages. Each block in its own direction. */
export default function Markdown({ children }: { children: string }) {
  return (
    <div className="flex flex-col gap-3 [&_ol]:list-decimal [&_ol]:ps-6 [&_ul]:list-disc [&_ul]:ps-6">
      <ReactMarkdown
        rehypePlugins={[rehypeSanitize]}
        allowedElements={ALLOWED}
        unwrapDisallowed
        components={{
          p: ({ children: inner }) => (
            <p dir="auto" className="whitespace-pre-line">
              {inner}
            </p>
          ),
          a: ({ href, children: inner }) =>
            href && /^\/(?![/\\])/.test(href) ? (
              <Link to={href} className="text-brand underline underline-offset-4">
                {inner}
              </Link>
            ) : (
              <>{inner}</>
            ),
        }}
      >
        {children}
      </ReactMarkdown>
    </div>
  );
}
