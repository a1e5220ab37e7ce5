// What a page is about, and a builder of its elements.

const DATA = JSON.parse(document.getElementById('data').textContent);

// A small builder of elements; `null` children are left out.
const SVG = 'http://www.w3.org/2000/svg';
const make = (name, attributes = {}, ...children) => {
  const element = name.startsWith('svg:') ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick') element.addEventListener('click', value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return element;
};
const byId = (id) => document.getElementById(id);
