"""What Colab offers to libraries with widgets."""


def enable_custom_widget_manager():
    """In Colab: let widgets from outside draw. Here there is no page to draw on."""
