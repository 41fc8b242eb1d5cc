import { renderHtml } from '../../../reports/pages/html.js';
import type { PageData } from '../../../reports/pages/page-data.js';

const NASTY = `</script><!--<b>"&'`;

const page: PageData = {
  title: NASTY,
  subtitle: 'subtitle',
  facts: [{ name: 'Seed', value: NASTY }],
  sections: [{ kind: 'table', title: 'Events', help: NASTY, columns: ['message'], rows: [[NASTY]] }],
};

describe('a page', () => {
  const html = renderHtml(page, `const end = "</script>", start = "<!--";`);

  it('lets no text break out of where it stands', () => {
    expect(html).toContain('<h1>&lt;/script&gt;&lt;!--&lt;b&gt;&quot;&amp;&#39;</h1>');
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<!--');
  });

  it('carries its data whole', () => {
    const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
    expect(JSON.parse(json)).toEqual(page);
  });

  it('keeps the meaning of the script', () => {
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
    expect(new Function(`${script} return end + start;`)()).toBe('</script><!--');
  });

  it('names nothing outside itself', () => {
    expect(html).not.toMatch(/https?:|src=|@import|url\(/);
  });
});
