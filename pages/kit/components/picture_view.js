// One picture as large as fits; a click or Enter shows it at its full size.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  if (!root.stage) {
    root.stage = make("div", "stage");
    root.photo = make("button", "photo");
    root.photo.type = "button";
    root.photo.addEventListener("click", () => root.stage.classList.toggle("large"));
    root.stage.append(root.photo);
    root.append(root.stage);
  }
  root.photo.setAttribute("aria-label", `${data.alt}. Show at full size or fit to the page`);
  setPicture(root.photo, { ...data, eager: true });
  const image = root.photo.querySelector("img");
  image.width = data.width;
  image.height = data.height;
  image.style.width = "auto";
  image.style.height = "auto";
}
