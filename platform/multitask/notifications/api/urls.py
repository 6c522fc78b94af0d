from django.urls import path

from multitask.notifications.api import push_views, unsubscribe, views

urlpatterns = [
    path("notifications/", views.NotificationListView.as_view(), name="notification-list"),
    path("notifications/unread-count/", views.UnreadCountView.as_view(), name="notification-unread-count"),
    path("notifications/mark-all-read/", views.MarkAllView.as_view(), name="notification-mark-all"),
    path("notifications/preferences/", views.PreferencesView.as_view(), name="notification-preferences"),
    path("notifications/deliveries/", views.DeliveryListView.as_view(), name="notification-delivery-list"),
    path(
        "notifications/unsubscribe/<str:token>/",
        unsubscribe.UnsubscribeView.as_view(),
        name="notification-unsubscribe",
    ),
    path("notifications/push/", push_views.PushView.as_view(), name="push"),
    path(
        "notifications/push/subscriptions/",
        push_views.PushSubscriptionsView.as_view(),
        name="push-subscription-list",
    ),
    path(
        "notifications/push/subscriptions/<int:pk>/",
        push_views.PushSubscriptionView.as_view(),
        name="push-subscription-detail",
    ),
    path("notifications/push/test/", push_views.PushTestView.as_view(), name="push-test"),
    path("notifications/<int:pk>/", views.NotificationView.as_view(), name="notification-detail"),
    path(
        "notifications/<int:pk>/deliveries/",
        views.NotificationDeliveriesView.as_view(),
        name="notification-deliveries",
    ),
]
