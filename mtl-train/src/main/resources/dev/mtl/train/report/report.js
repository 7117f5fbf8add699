'use strict';
// Cells without a value stay last in either direction.
function compare(a, b, numeric, direction) {
  if (a === '' || b === '') return (a === '') - (b === '');
  return direction * (numeric ? a - b : a.localeCompare(b, 'en', { numeric: true }));
}

function sort(table, column) {
  const heads = [...table.tHead.rows[0].cells];
  const head = heads[column];
  const numeric = head.classList.contains('number');
  const orders = numeric ? ['descending', 'ascending'] : ['ascending', 'descending'];
  const order = orders[head.getAttribute('aria-sort') === orders[0] ? 1 : 0];
  heads.forEach(other => other.removeAttribute('aria-sort'));
  head.setAttribute('aria-sort', order);
  const value = row => row.cells[column].textContent;
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compare(value(a), value(b), numeric, order === 'ascending' ? 1 : -1));
  table.tBodies[0].append(...rows);
}

for (const table of document.querySelectorAll('table.data')) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    button.addEventListener('click', () => sort(table, column));
    head.replaceChildren(button);
  });
}

// The tab key stops at what scrolls only.
const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const scrolls =
      target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute('tabindex');
  }
});
document.querySelectorAll('.wide').forEach(box => sizes.observe(box));
