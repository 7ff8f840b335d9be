"""Alt text of stills in the built book: MyST-NB, which makes images of a notebook's SVG, asks this for each of them."""

import html
import re


class StillText:
    """Takes the alt text of an SVG from its <desc>; without it the file's name would be read out."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline):
        """The image node of an SVG with its alt text; None, for MyST-NB to go on, for everything else."""
        if data.mime_type != "image/svg+xml":
            return None
        found = re.search(r"<desc>(.*?)</desc>", data.string, re.S)
        images = renderer.render_image(data)
        for image in images if found else []:
            image["alt"] = html.unescape(found[1].strip())
            image["classes"].append("byhand-still")
        return images
